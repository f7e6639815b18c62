//! What every Office document has beside its content.

/// The relation of a package to its main part.
pub fn relations(main: &str) -> String {
    let kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument";
    format!("<Relationships><Relationship Id='rId1' Type='{kind}' Target='{main}'/></Relationships>")
}
