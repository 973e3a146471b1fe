//! Files that the user names: one that is not there is told with the one that may have been meant, and with where such files are made.

use std::fs;
use std::path::Path;

use anyhow::bail;

/// Refuses the path of a file that is not there. `made` says where such files come from.
pub(crate) fn there(path: &Path, made: &str) -> anyhow::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let near = near(path).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    bail!("there is no file {}{near} ({made})", path.display())
}

/// The file beside it whose name is nearest.
fn near(path: &Path) -> Option<String> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let names: Vec<String> =
        fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned())).collect();
    let name = path.file_name()?.to_string_lossy();
    let near = specs::document::nearest(&name, names.iter().map(String::as_str))?;
    Some(path.with_file_name(near).display().to_string())
}
