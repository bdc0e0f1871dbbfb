//! A row of JSON as it is parsed: its members in the order in which they are written.

use std::borrow::Cow;
use std::fmt::{self, Write};

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

/// The members of an object with their names.
pub(super) type Row<'de> = Vec<(Cow<'de, str>, Cell<'de>)>;

/// The value of a member.
#[derive(Debug)]
pub(super) enum Cell<'de> {
    Null,
    Text(Cow<'de, str>),
    Number(Number),
    /// The values of a column, where an object may have these.
    List(Vec<Self>),
    /// Something that is no cell.
    Nested(Nested),
}

/// What a row may have in place of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nested {
    List,
    Object,
}

impl Nested {
    /// The name of its type in messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Object => "object",
        }
    }
}

impl Cell<'_> {
    /// The text of a cell, which `buffer` holds if it is that of a number; `None` if the cell is missing.
    pub(super) fn text<'a>(&'a self, buffer: &'a mut String) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(number) => {
                buffer.clear();
                write!(buffer, "{number}").ok().map(|()| buffer.as_str())
            }
            Self::Null | Self::List(_) | Self::Nested(_) => None,
        }
    }
}

/// Parses an object into a row, which is emptied before.
pub(super) struct RowSeed<'a, 'de> {
    pub(super) row: &'a mut Row<'de>,
    /// Whether the object may have lists, one for each column.
    pub(super) has_lists: bool,
}

impl<'de> DeserializeSeed<'de> for RowSeed<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        self.row.clear();
        while let Some(Name(name)) = members.next_key()? {
            self.row.push((name, members.next_value_seed(CellSeed { has_lists: self.has_lists })?));
        }
        Ok(())
    }
}

/// The name of a member.
struct Name<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}

/// Parses the value of a member.
#[derive(Clone, Copy)]
struct CellSeed {
    has_lists: bool,
}

impl<'de> DeserializeSeed<'de> for CellSeed {
    type Value = Cell<'de>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Cell<'de>, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CellSeed {
    type Value = Cell<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Cell<'de>, E> {
        Ok(Cell::Null)
    }

    fn visit_bool<E: Error>(self, yes: bool) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(Cow::Borrowed(if yes { "1" } else { "0" })))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Cell<'de>, E> {
        Ok(Cell::Number(number.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Cell<'de>, E> {
        Ok(Cell::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Cell<'de>, E> {
        Number::from_f64(number).map(Cell::Number).ok_or_else(|| E::custom("a number is not finite"))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Cell<'de>, E> {
        Ok(Cell::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Cell<'de>, A::Error> {
        if !self.has_lists {
            while items.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(Cell::Nested(Nested::List));
        }
        let mut cells = Vec::new();
        while let Some(cell) = items.next_element_seed(Self { has_lists: false })? {
            cells.push(cell);
        }
        Ok(Cell::List(cells))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Cell<'de>, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Cell::Nested(Nested::Object))
    }
}
