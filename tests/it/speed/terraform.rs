//! Terraform with `vault.tf`, in a folder of its own.

use crate::support::{REGION, Stack};
use cvault::vault::package::CLASSIFIER;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

pub const APPLY: &[&str] = &["apply", "-auto-approve"];
pub const DESTROY: &[&str] = &["destroy", "-auto-approve"];

/// One that is ready to go.
pub struct Terraform {
    folder: PathBuf,
}

impl Terraform {
    /// For the stack of these names and documents; none, with a line that says so, where this machine has no terraform or its
    /// provider is not to be had.
    pub fn prepared(stack: &Stack, documents: BTreeMap<String, String>) -> Option<Self> {
        let names = &stack.names;
        let folder = std::env::temp_dir().join(format!("cvault-terraform-{}", names.id));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let it = Self { folder };
        for (name, document) in documents {
            fs::write(it.folder.join(format!("{name}.json")), document).unwrap();
        }
        fs::write(it.folder.join("classifier.zip"), CLASSIFIER.zip).unwrap();
        fs::write(it.folder.join("vault.tf"), include_str!("vault.tf")).unwrap();
        let variables = json!({
            "endpoint": stack.proxy.endpoint(), "documents": it.folder, "package": it.folder.join("classifier.zip"),
            "email": "ops@example.com", "account": names.account, "region": REGION, "stack": names.stack, "id": names.id,
        });
        fs::write(it.folder.join("vault.auto.tfvars.json"), variables.to_string()).unwrap();
        let init = Command::new("terraform").current_dir(&it.folder).args(["init", "-input=false"]).output();
        if init.as_ref().is_ok_and(|it| it.status.success()) {
            return Some(it);
        }
        println!("left out: terraform is not ready: {init:?}");
        None
    }

    /// A command that asks nothing.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("terraform");
        command.current_dir(&self.folder).args(arguments).args(["-input=false", "-no-color"]);
        command
    }
}

impl Drop for Terraform {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}
