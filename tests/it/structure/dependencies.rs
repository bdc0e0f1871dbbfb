//! The dependencies between files, and the import circles among them.

use std::collections::{BTreeMap, BTreeSet};

use super::source_tree::{ModulePath, NamedPaths, SourceTree};

/// For each module, the modules whose files it depends on.
///
/// A path counts for the deepest module on it: a path through a re-export counts for the `mod.rs` that re-exports, and
/// `pub use` counts for the module it takes from. A plain `mod x;` is no dependency.
pub(crate) fn dependencies(tree: &SourceTree) -> BTreeMap<&ModulePath, BTreeSet<&ModulePath>> {
    tree.files.iter().map(|(module, file)| (module, of_file(tree, module, &NamedPaths::of(&file.syntax)))).collect()
}

fn of_file<'a>(tree: &'a SourceTree, module: &ModulePath, paths: &NamedPaths) -> BTreeSet<&'a ModulePath> {
    let mut imported: BTreeMap<&str, ModulePath> = BTreeMap::new();
    let mut found = BTreeSet::new();
    for (segments, name) in &paths.imports {
        let Some(absolute) = absolute(tree, module, segments, &BTreeMap::new()) else { continue };
        found.insert(deepest_module(tree, &absolute));
        imported.insert(name, absolute);
    }
    for segments in &paths.in_code {
        if let Some(absolute) = absolute(tree, module, segments, &imported) {
            found.insert(deepest_module(tree, &absolute));
        }
    }
    found.remove(module);
    found
}

/// A path from the crate root; `None` for a path of another crate, or of an item of the module itself.
fn absolute(
    tree: &SourceTree,
    module: &ModulePath,
    segments: &[String],
    imported: &BTreeMap<&str, ModulePath>,
) -> Option<ModulePath> {
    let joined = |base: &[String], rest: &[String]| Some([base, rest].concat());
    match segments[0].as_str() {
        "crate" => joined(&[], &segments[1..]),
        "self" => joined(module, &segments[1..]),
        "super" => {
            let levels = segments.iter().take_while(|segment| *segment == "super").count();
            joined(&module[..module.len().checked_sub(levels)?], &segments[levels..])
        }
        first => {
            if let Some(base) = imported.get(first) {
                return joined(base, &segments[1..]);
            }
            let child = [module.as_slice(), &segments[..1]].concat();
            if tree.files.contains_key(&child) { joined(&child, &segments[1..]) } else { None }
        }
    }
}

fn deepest_module<'a>(tree: &'a SourceTree, path: &[String]) -> &'a ModulePath {
    let modules = (0..=path.len()).rev().filter_map(|length| tree.files.get_key_value(&path[..length]));
    modules.map(|(module, _)| module).next().expect("the crate root is a module")
}

/// The import circles: strongly connected components of more than one file, by Tarjan's algorithm (1972).
pub(crate) fn circles(tree: &SourceTree) -> Vec<Vec<String>> {
    let dependencies = dependencies(tree);
    let mut search = Tarjan::new(&dependencies);
    for module in dependencies.keys() {
        if !search.index.contains_key(*module) {
            search.visit(module);
        }
    }
    let path = |module: &&ModulePath| tree.files[*module].path.clone();
    let circles = search.components.iter().filter(|component| component.len() > 1);
    circles
        .map(|component| {
            let mut paths: Vec<String> = component.iter().map(path).collect();
            paths.sort_by_key(|path| (path != "lib.rs" && path != "main.rs", path.clone()));
            paths
        })
        .collect()
}

type Edges<'a> = BTreeMap<&'a ModulePath, BTreeSet<&'a ModulePath>>;

struct Tarjan<'a> {
    dependencies: &'a Edges<'a>,
    index: BTreeMap<&'a ModulePath, usize>,
    low: BTreeMap<&'a ModulePath, usize>,
    stack: Vec<&'a ModulePath>,
    components: Vec<Vec<&'a ModulePath>>,
}

impl<'a> Tarjan<'a> {
    fn new(dependencies: &'a Edges<'a>) -> Self {
        let (index, low) = (BTreeMap::new(), BTreeMap::new());
        Self { dependencies, index, low, stack: Vec::new(), components: Vec::new() }
    }

    fn visit(&mut self, module: &'a ModulePath) {
        let number = self.index.len();
        self.index.insert(module, number);
        self.low.insert(module, number);
        self.stack.push(module);
        for target in &self.dependencies[module] {
            let reached = if let Some(index) = self.index.get(target) {
                if self.stack.contains(target) { *index } else { continue }
            } else {
                self.visit(target);
                self.low[target]
            };
            let low = self.low.get_mut(module).expect("it was inserted above");
            *low = (*low).min(reached);
        }
        if self.low[module] == number {
            let start = self.stack.iter().position(|entry| *entry == module).expect("it is on the stack");
            self.components.push(self.stack.split_off(start));
        }
    }
}
