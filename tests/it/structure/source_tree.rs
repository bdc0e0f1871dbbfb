//! The Rust files of a crate as a tree of modules, parsed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use syn::visit::{self, Visit};

/// A module's path below the crate root: `["model", "auto"]`.
pub(crate) type ModulePath = Vec<String>;

/// One source file.
pub(crate) struct SourceFile {
    /// The path below the crate root's folder, such as `model/auto/mod.rs`.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) syntax: syn::File,
}

/// All files of one crate by their module path.
pub(crate) struct SourceTree {
    pub(crate) files: BTreeMap<ModulePath, SourceFile>,
}

impl SourceTree {
    /// The files below `folder`; the root module is `root`, such as `lib.rs`. Folders named in `skip` are another crate's.
    pub(crate) fn read(folder: &Path, root: &str, skip: &[&str]) -> Self {
        let mut texts = Vec::new();
        collect(folder, folder, skip, &mut texts);
        assert!(texts.len() > 5, "no sources in {}", folder.display());
        Self::parse(texts, root)
    }

    /// A tree of made-up files: paths below the crate root with their text.
    pub(crate) fn parse(texts: Vec<(String, String)>, root: &str) -> Self {
        let files = texts.into_iter().map(|(path, text)| {
            let syntax = syn::parse_file(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
            (module_path(&path, root), SourceFile { path, text, syntax })
        });
        Self { files: files.collect() }
    }
}

fn collect(folder: &Path, root: &Path, skip: &[&str], into: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let relative = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            if !skip.contains(&relative.as_str()) {
                collect(&path, root, skip, into);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            into.push((relative, fs::read_to_string(&path).unwrap()));
        }
    }
}

fn module_path(path: &str, root: &str) -> ModulePath {
    if path == root {
        return Vec::new();
    }
    let path = path.strip_suffix(".rs").unwrap();
    path.strip_suffix("/mod").unwrap_or(path).split('/').map(str::to_owned).collect()
}

/// Whether an item is compiled for tests only.
pub(crate) fn is_test_only(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && matches!(&attribute.meta, syn::Meta::List(list) if list.tokens.to_string() == "test")
    })
}

/// All paths that a file names outside its tests: those of `use` items, and those in code with two segments or more.
#[derive(Debug, Default)]
pub(crate) struct NamedPaths {
    /// Segments of each imported path, and the name under which it is imported.
    pub(crate) imports: Vec<(Vec<String>, String)>,
    /// Segments of each path in code.
    pub(crate) in_code: Vec<Vec<String>>,
}

impl NamedPaths {
    pub(crate) fn of(file: &syn::File) -> Self {
        let mut paths = Self::default();
        paths.visit_file(file);
        paths
    }

    fn add_use(&mut self, tree: &syn::UseTree, before: &[String]) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.add_use(&path.tree, &with(&path.ident)),
            syn::UseTree::Name(name) if name.ident == "self" => {
                self.imports.push((before.to_vec(), before.last().cloned().unwrap_or_default()));
            }
            syn::UseTree::Name(name) => self.imports.push((with(&name.ident), name.ident.to_string())),
            syn::UseTree::Rename(rename) => self.imports.push((with(&rename.ident), rename.rename.to_string())),
            syn::UseTree::Glob(_) => self.imports.push((before.to_vec(), String::new())),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_use(tree, before)),
        }
    }
}

impl<'ast> Visit<'ast> for NamedPaths {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !is_test_only(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !is_test_only(&item.attrs) {
            self.add_use(&item.tree, &[]);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            self.in_code.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        // the tokens of a macro are not parsed; most are expressions, separated by commas
        let parser = syn::punctuated::Punctuated::<syn::Expr, syn::Token![,]>::parse_terminated;
        if let Ok(arguments) = item.parse_body_with(parser) {
            for argument in &arguments {
                // a macro's own syntax tree does not live as long as the file's
                let mut inner = Self::default();
                inner.visit_expr(argument);
                self.in_code.extend(inner.in_code);
            }
        }
        visit::visit_macro(self, item);
    }
}
