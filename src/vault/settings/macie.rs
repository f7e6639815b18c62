//! How Macie is used.

/// How Macie is used.
#[derive(Clone, Debug)]
pub struct MacieSettings {
    /// When.
    pub mode: MacieMode,
    /// Which managed data identifiers its jobs use.
    pub managed_identifiers: Selector,
    /// Those that `include` or `exclude` means.
    pub managed_identifier_ids: Vec<String>,
    /// How long a job may take.
    pub max_hours: u32,
}

impl Default for MacieSettings {
    fn default() -> Self {
        Self {
            mode: MacieMode::default(),
            managed_identifiers: Selector::All,
            managed_identifier_ids: vec![],
            max_hours: 24,
        }
    }
}

/// When Macie is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum MacieMode {
    /// Where it is enabled in the region.
    #[default]
    Auto,
    /// Always; refused where it is not enabled.
    On,
    /// Never.
    Off,
}

impl MacieMode {
    /// As configurations write it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::On => "on",
            Self::Off => "off",
        }
    }
}

/// Macie's `managedDataIdentifierSelector`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "Macie's own words")]
pub enum Selector {
    All,
    Recommended,
    None,
    Include,
    Exclude,
}

impl Selector {
    /// As Macie writes it.
    #[must_use]
    pub fn macie(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::Recommended => "RECOMMENDED",
            Self::None => "NONE",
            Self::Include => "INCLUDE",
            Self::Exclude => "EXCLUDE",
        }
    }
}
