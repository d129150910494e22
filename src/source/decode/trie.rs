//! The wanted places of a document as a tree of names, and one pass over a text that finds what stands there.
//!
//! Nothing else of the text is read, only passed over, and nothing is copied. Must not know rows or fields.

use super::path::escaped;
use super::value::{index, kind};
use crate::text::screen_str;
use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// How many names of an object are remembered: neighbours mostly have the same ones in the same order.
const REMEMBERED: usize = 256;

/// The places that are wanted.
#[derive(Debug)]
pub(super) struct Trie {
    nodes: Vec<Node>,
    places: usize,
}

#[derive(Debug, Default)]
struct Node {
    /// Its pointer, for messages.
    pointer: String,
    /// The places whose value this is.
    places: Vec<usize>,
    children: Vec<Child>,
}

#[derive(Debug)]
struct Child {
    name: Box<str>,
    index: Option<usize>,
    node: usize,
}

/// What was found in one text.
#[derive(Debug, Default)]
pub(super) struct Found<'a> {
    /// The value at each place, as the text writes it.
    pub values: Vec<Option<&'a str>>,
    /// Why the text cannot be used although it is JSON.
    pub refusal: Option<String>,
    /// In which run each node was last met: a second time in one is two members of one name.
    met: Vec<u64>,
    run: u64,
    /// For each node the names of the object that was last met there, in their order, and which child each is.
    names: Vec<Vec<(Box<str>, Option<usize>)>>,
}

impl Trie {
    /// Makes an empty tree.
    pub fn new() -> Self {
        Self { nodes: vec![Node::default()], places: 0 }
    }

    /// Adds a wanted place and returns its number.
    pub fn add<'n>(&mut self, names: impl IntoIterator<Item = &'n str>) -> usize {
        let mut node = 0;
        for name in names {
            let known = self.nodes[node].children.iter().find(|child| &*child.name == name).map(|child| child.node);
            node = known.unwrap_or_else(|| {
                let next = self.nodes.len();
                let pointer = format!("{}/{}", self.nodes[node].pointer, screen_str(&escaped(name)));
                self.nodes[node].children.push(Child { name: name.into(), index: index(name), node: next });
                self.nodes.push(Node { pointer, ..Node::default() });
                next
            });
        }
        self.nodes[node].places.push(self.places);
        self.places += 1;
        self.places - 1
    }

    /// Finds the wanted places in a text. The error is that of a text that is no JSON.
    pub fn find<'a>(&self, text: &'a str, found: &mut Found<'a>) -> Result<(), serde_json::Error> {
        found.values.clear();
        found.values.resize(self.places, None);
        found.met.resize(self.nodes.len(), 0);
        found.names.resize_with(self.nodes.len(), Vec::new);
        found.refusal = None;
        found.run += 1;
        let mut reader = serde_json::Deserializer::from_str(text);
        Walk { trie: self, node: 0, found }.deserialize(&mut reader)?;
        reader.end()
    }
}

/// Reads the value of a node.
struct Walk<'t, 'f, 'a> {
    trie: &'t Trie,
    node: usize,
    found: &'f mut Found<'a>,
}

impl Walk<'_, '_, '_> {
    fn refuse(&mut self, reason: impl FnOnce(&str) -> String) {
        let pointer = &self.trie.nodes[self.node].pointer;
        self.found.refusal.get_or_insert_with(|| reason(pointer));
    }

    /// A plain value stands where members are wanted.
    fn plain(&mut self, what: &str, nothing: bool) {
        if self.node == 0 {
            self.refuse(|_| format!("the row is {what}, not an object"));
        } else if !nothing {
            self.refuse(|pointer| format!("`{pointer}` is {what}, not an object"));
        }
    }

    /// Notes that the node is met; a second time in one text is two truths.
    fn meet(&mut self) {
        if self.found.met[self.node] == self.found.run {
            self.refuse(|pointer| format!("it has two members `{pointer}`"));
        }
        self.found.met[self.node] = self.found.run;
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(mut self, from: D) -> Result<(), D::Error> {
        self.meet();
        let node = &self.trie.nodes[self.node];
        if node.places.is_empty() && !node.children.is_empty() {
            return from.deserialize_any(self);
        }
        let raw: &'de RawValue = serde::Deserialize::deserialize(from)?;
        for place in &node.places {
            self.found.values[*place] = Some(raw.get());
        }
        if !node.children.is_empty() {
            // Wanted as a whole and in parts: its parts are read from its own text.
            let mut reader = serde_json::Deserializer::from_str(raw.get());
            let walked = reader.deserialize_any(self);
            walked.map_err(serde::de::Error::custom)?;
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let Self { trie, node, found } = self;
        let mut names = std::mem::take(&mut found.names[node]);
        let mut place = 0;
        let children = &trie.nodes[node].children;
        while let Some(child) = object.next_key_seed(Key { children, names: &mut names, place })? {
            match child {
                Some(child) => object.next_value_seed(Walk { trie, node: child, found: &mut *found })?,
                None => {
                    object.next_value::<IgnoredAny>()?;
                }
            }
            place += 1;
        }
        found.names[node] = names;
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { trie, node, found } = self;
        let children = &trie.nodes[node].children;
        let mut place = 0;
        loop {
            let child = children.iter().find(|child| child.index == Some(place));
            let more = match child {
                Some(child) => list.next_element_seed(Walk { trie, node: child.node, found: &mut *found })?.is_some(),
                None => list.next_element::<IgnoredAny>()?.is_some(),
            };
            if !more {
                break;
            }
            place += 1;
        }
        if place > 0 && children.iter().any(|child| child.index.is_none()) {
            Walk { trie, node, found }.plain(kind("["), false);
        }
        Ok(())
    }

    fn visit_unit<E>(mut self) -> Result<(), E> {
        self.plain("null", true);
        Ok(())
    }

    fn visit_bool<E>(mut self, value: bool) -> Result<(), E> {
        self.plain(kind("true"), !value);
        Ok(())
    }

    fn visit_str<E>(mut self, value: &str) -> Result<(), E> {
        self.plain(kind("\""), value.is_empty());
        Ok(())
    }

    fn visit_u64<E>(mut self, _: u64) -> Result<(), E> {
        self.plain(kind("0"), false);
        Ok(())
    }

    fn visit_i64<E>(mut self, _: i64) -> Result<(), E> {
        self.plain(kind("0"), false);
        Ok(())
    }

    fn visit_f64<E>(mut self, _: f64) -> Result<(), E> {
        self.plain(kind("0"), false);
        Ok(())
    }
}

/// Reads the name of a member and tells which child it is.
struct Key<'k> {
    children: &'k [Child],
    names: &'k mut Vec<(Box<str>, Option<usize>)>,
    place: usize,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        if let Some((known, child)) = self.names.get(self.place)
            && **known == *name
        {
            return Ok(*child);
        }
        let child = self.children.iter().find(|child| *child.name == *name).map(|child| child.node);
        if let Some(slot) = self.names.get_mut(self.place) {
            *slot = (name.into(), child);
        } else if self.place < REMEMBERED && self.place == self.names.len() {
            self.names.push((name.into(), child));
        }
        Ok(child)
    }
}
