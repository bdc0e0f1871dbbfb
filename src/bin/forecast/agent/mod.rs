//! Tools for agents: a request of the Model Context Protocol runs a command of this program on files of one folder.

pub(crate) mod answer;
pub(crate) mod call;
pub(crate) mod folder;
pub(crate) mod offer;
pub(crate) mod server;
pub(crate) mod tool;
pub(crate) mod wording;
