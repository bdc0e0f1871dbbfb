//! The JSON schema of the output, and a check of values against it.
//!
//! The crates that check schemas change the features of crates that Polars depends on, so that tests and program would
//! each compile Polars. This check knows the few keywords of this schema, and panics at any other. `make test-report`
//! checks the same with ajv, which also checks the schema itself.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// Keywords that say nothing about the value.
const ANNOTATIONS: [&str; 4] = ["$schema", "$defs", "title", "description"];

static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../docs/run.schema.json")).expect("the schema is JSON"));

/// Why a text is no object of docs/run.schema.json; empty if it is one.
pub(crate) fn problems(text: &str) -> Vec<String> {
    match serde_json::from_str(text) {
        Ok(value) => problems_of(&value, &SCHEMA, ""),
        Err(error) => vec![format!("no JSON: {error}")],
    }
}

/// Asserts that a text is an object of docs/run.schema.json, and returns it.
pub(crate) fn checked(text: &str) -> Value {
    let found = problems(text);
    assert!(found.is_empty(), "not as in docs/run.schema.json: {}\n{text}", found.join("\n"));
    serde_json::from_str(text).expect("it was just parsed")
}

fn problems_of(value: &Value, schema: &Value, at: &str) -> Vec<String> {
    let schema = match schema {
        Value::Object(schema) => schema,
        Value::Bool(true) => return Vec::new(),
        Value::Bool(false) => return vec![format!("{at} is not allowed")],
        other => panic!("no schema: {other}"),
    };
    let mut found = Vec::new();
    let mut fail = |is_wrong: bool, what: String| found.extend(is_wrong.then(|| format!("{at} {what}")));
    let mut inner = Vec::new();
    for (keyword, rule) in schema {
        match keyword.as_str() {
            "$ref" => inner.extend(problems_of(value, definition(rule), at)),
            "anyOf" => {
                let all: Vec<_> = list(rule).iter().map(|own| problems_of(value, own, at)).collect();
                if !all.iter().any(Vec::is_empty) {
                    inner.extend(all.into_iter().min_by_key(Vec::len).expect("anyOf has schemas"));
                }
            }
            "type" => {
                let names = if rule.is_array() { list(rule).to_vec() } else { vec![rule.clone()] };
                fail(
                    !names.iter().any(|name| is_of_type(value, name.as_str().expect("a name"))),
                    format!("is no {rule}: {value}"),
                );
            }
            "const" => fail(value != rule, format!("is not {rule}: {value}")),
            "enum" => fail(!list(rule).contains(value), format!("is none of {rule}: {value}")),
            "minimum" => {
                fail(value.as_f64().is_some_and(|own| Some(own) < rule.as_f64()), format!("is below {rule}: {value}"));
            }
            "maximum" => {
                fail(value.as_f64().is_some_and(|own| Some(own) > rule.as_f64()), format!("is above {rule}: {value}"));
            }
            "minItems" => {
                fail(
                    length(value).is_some_and(|own| Some(own) < rule.as_u64()),
                    format!("has fewer items than {rule}"),
                );
            }
            "maxItems" => {
                fail(length(value).is_some_and(|own| Some(own) > rule.as_u64()), format!("has more items than {rule}"));
            }
            "pattern" => {
                let pattern = regex(rule.as_str().expect("a pattern"));
                fail(
                    value.as_str().is_some_and(|text| !pattern.is_match(text)),
                    format!("is not like {rule}: {value}"),
                );
            }
            "items" => {
                let items = value.as_array().into_iter().flatten().enumerate();
                inner.extend(items.flat_map(|(i, item)| problems_of(item, rule, &format!("{at}/{i}"))));
            }
            "required" => {
                for name in list(rule).iter().filter_map(Value::as_str) {
                    fail(value.is_object() && value.get(name).is_none(), format!("lacks {name}"));
                }
            }
            "properties" | "patternProperties" => {}
            "additionalProperties" => inner.extend(problems_of_members(value, schema, at)),
            name => assert!(ANNOTATIONS.contains(&name), "the check does not know the keyword {name}"),
        }
    }
    if schema.contains_key("properties") && !schema.contains_key("additionalProperties") {
        inner.extend(problems_of_members(value, schema, at));
    }
    found.extend(inner);
    found
}

/// Each member has the schemas of its name and of all patterns that it matches, or else that of additional members.
fn problems_of_members(value: &Value, schema: &serde_json::Map<String, Value>, at: &str) -> Vec<String> {
    let nothing = Value::Bool(true);
    let additional = schema.get("additionalProperties").unwrap_or(&nothing);
    let mut found = Vec::new();
    for (name, member) in value.as_object().into_iter().flatten() {
        let own = schema.get("properties").and_then(|all| all.get(name));
        let patterns = schema.get("patternProperties").and_then(Value::as_object).into_iter().flatten();
        let matching = patterns.filter(|(pattern, _)| regex(pattern).is_match(name)).map(|(_, own)| own);
        let mut rules: Vec<&Value> = own.into_iter().chain(matching).collect();
        if rules.is_empty() {
            rules.push(additional);
        }
        found.extend(rules.iter().flat_map(|rule| problems_of(member, rule, &format!("{at}/{name}"))));
    }
    found
}

fn definition(reference: &Value) -> &'static Value {
    let path = reference.as_str().and_then(|path| path.strip_prefix('#')).expect("a reference into the schema");
    SCHEMA.pointer(path).unwrap_or_else(|| panic!("no definition {path}"))
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        other => panic!("there is no type {other}"),
    }
}

fn list(rule: &Value) -> &[Value] {
    rule.as_array().expect("a list")
}

fn length(value: &Value) -> Option<u64> {
    value.as_array().map(|items| items.len() as u64)
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern of the schema")
}
