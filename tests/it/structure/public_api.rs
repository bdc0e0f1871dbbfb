//! A snapshot of the public API: every path that a user of the library can name, with its signature.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;

use super::library;
use super::source_tree::{ModulePath, SourceTree};

fn is_public(visibility: &syn::Visibility) -> bool {
    matches!(visibility, syn::Visibility::Public(_))
}

/// Tokens in one line, with the spaces that rustfmt would leave out removed.
fn one_line(tokens: &impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string();
    for (from, to) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" : ", ": "),
        (" , ", ", "),
        (" ,", ","),
        ("( ", "("),
        (" )", ")"),
        (" (", "("),
        ("& ", "&"),
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        ("[ ", "["),
        (" ]", "]"),
        (" ;", ";"),
        ("& mut", "&mut"),
        ("->", " -> "),
        ("  ", " "),
        (",)", ")"),
        (" - >", " ->"),
    ] {
        text = text.replace(from, to);
    }
    text
}

/// The public items of a file by name, as lines.
fn items(file: &syn::File) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for item in &file.items {
        let (name, lines) = match item {
            syn::Item::Fn(item) if is_public(&item.vis) => (&item.sig.ident, vec![one_line(&item.sig)]),
            syn::Item::Struct(item) if is_public(&item.vis) => {
                let fields = item.fields.iter().filter(|field| is_public(&field.vis)).map(|field| {
                    let name = field.ident.as_ref().map_or_else(|| "0".into(), ToString::to_string);
                    format!("  .{name}: {}", one_line(&field.ty))
                });
                (&item.ident, std::iter::once(format!("struct {}", item.ident)).chain(fields).collect())
            }
            syn::Item::Enum(item) if is_public(&item.vis) => {
                let variants =
                    item.variants.iter().map(|variant| format!("  ::{}", one_line(&without_attributes(variant))));
                (&item.ident, std::iter::once(format!("enum {}", item.ident)).chain(variants).collect())
            }
            syn::Item::Trait(item) if is_public(&item.vis) => {
                let methods = item.items.iter().filter_map(|item| match item {
                    syn::TraitItem::Fn(item) => Some(format!("  {}", one_line(&item.sig))),
                    _ => None,
                });
                (&item.ident, std::iter::once(format!("trait {}", item.ident)).chain(methods).collect())
            }
            syn::Item::Const(item) if is_public(&item.vis) => {
                (&item.ident, vec![format!("const {}: {}", item.ident, one_line(&item.ty))])
            }
            syn::Item::Type(item) if is_public(&item.vis) => {
                (&item.ident, vec![format!("type {} = {}", item.ident, one_line(&item.ty))])
            }
            _ => continue,
        };
        found.entry(name.to_string()).or_default().extend(lines);
    }
    found
}

fn without_attributes(variant: &syn::Variant) -> syn::Variant {
    let mut variant = variant.clone();
    variant.attrs.clear();
    for field in &mut variant.fields {
        field.attrs.clear();
    }
    variant
}

/// Public methods and constants of inherent implementations, by the name of the type.
fn methods(tree: &SourceTree) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for item in tree.files.values().flat_map(|file| &file.syntax.items) {
        let syn::Item::Impl(item) = item else { continue };
        let syn::Type::Path(of) = item.self_ty.as_ref() else { continue };
        if item.trait_.is_some() {
            continue;
        }
        let name = of.path.segments.last().unwrap().ident.to_string();
        for item in &item.items {
            match item {
                syn::ImplItem::Fn(item) if is_public(&item.vis) => {
                    found.entry(name.clone()).or_default().insert(format!("  {}", one_line(&item.sig)));
                }
                syn::ImplItem::Const(item) if is_public(&item.vis) => {
                    let line = format!("  const {}: {}", item.ident, one_line(&item.ty));
                    found.entry(name.clone()).or_default().insert(line);
                }
                _ => {}
            }
        }
    }
    found
}

/// Re-exports of a file: the name outside, and the segments of the path.
fn re_exports(file: &syn::File) -> Vec<(String, Vec<String>)> {
    fn add(tree: &syn::UseTree, before: &[String], into: &mut Vec<(String, Vec<String>)>) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => add(&path.tree, &with(&path.ident), into),
            syn::UseTree::Name(name) if name.ident == "self" => {
                into.push((before.last().unwrap().clone(), before.to_vec()));
            }
            syn::UseTree::Name(name) => into.push((name.ident.to_string(), with(&name.ident))),
            syn::UseTree::Rename(rename) => into.push((rename.rename.to_string(), with(&rename.ident))),
            syn::UseTree::Glob(_) => panic!("a glob re-export hides what is public"),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| add(tree, before, into)),
        }
    }
    let mut found = Vec::new();
    for item in &file.items {
        if let syn::Item::Use(item) = item
            && is_public(&item.vis)
        {
            add(&item.tree, &[], &mut found);
        }
    }
    found
}

/// The lines of an item, followed through re-exports; `None` for a module or an item of another crate.
fn lines_of(tree: &SourceTree, module: &ModulePath, path: &[String]) -> Option<(String, Vec<String>)> {
    let absolute = match path[0].as_str() {
        "crate" => path[1..].to_vec(),
        "self" => [module, &path[1..]].concat(),
        "super" => [&module[..module.len() - 1], &path[1..]].concat(),
        _ => [module, path].concat(),
    };
    let (name, base) = absolute.split_last()?;
    let file = tree.files.get(base)?;
    if let Some(lines) = items(&file.syntax).remove(name) {
        return Some((name.clone(), lines));
    }
    let (_, next) = re_exports(&file.syntax).into_iter().find(|(outside, _)| outside == name)?;
    lines_of(tree, &base.to_vec(), &next)
}

fn list(tree: &SourceTree, module: &ModulePath, methods: &BTreeMap<String, BTreeSet<String>>, into: &mut Vec<String>) {
    let path = [&["forecast".to_owned()], module.as_slice()].concat().join("::");
    let file = &tree.files[module].syntax;
    let own = items(file).into_iter().map(|(name, lines)| (name.clone(), name, lines));
    let taken = re_exports(file).into_iter().map(|(outside, segments)| {
        let Some((name, lines)) = lines_of(tree, module, &segments) else {
            return (outside.clone(), outside.clone(), vec![format!("pub use {}", segments.join("::"))]);
        };
        (outside, name, lines)
    });
    let mut all: Vec<(String, String, Vec<String>)> = own.chain(taken).collect();
    all.sort();
    into.push(format!("\nmod {path}"));
    for (outside, name, lines) in all {
        into.push(format!("{path}::{outside}: {}", lines[0]));
        into.extend(lines[1..].iter().cloned());
        into.extend(methods.get(&name).into_iter().flatten().cloned());
    }
    for item in &file.items {
        if let syn::Item::Mod(item) = item
            && is_public(&item.vis)
            && item.content.is_none()
        {
            list(tree, &[module.as_slice(), &[item.ident.to_string()]].concat(), methods, into);
        }
    }
}

#[test]
fn the_public_api_is_that_of_the_snapshot() {
    let tree = library();
    let mut lines = Vec::new();
    list(&tree, &Vec::new(), &methods(&tree), &mut lines);
    insta::assert_snapshot!("public_api", lines.join("\n"));
}

#[test]
fn no_public_signature_outside_nn_names_a_type_of_libtorch() {
    let tree = library();
    let names_tch = |text: &str| text.contains("tch::") || text.contains("Tensor") || text.contains("VarStore");
    let mut lines = Vec::new();
    list(&tree, &Vec::new(), &methods(&tree), &mut lines);
    let mut module = String::new();
    let mut found = Vec::new();
    for line in lines {
        if let Some(path) = line.trim_start().strip_prefix("mod ") {
            module = path.to_owned();
        } else if names_tch(&line) && !module.ends_with("::nn") {
            found.push(format!("{module}: {line}"));
        }
    }
    assert_eq!(found, Vec::<String>::new());
}
