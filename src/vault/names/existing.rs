//! The names of what is there already and is used instead of something of the stack's own.

use super::zone::Zone;

/// What is there already, made by somebody else, and is used as it is: it gets no tag, and no `down` removes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Existing {
    /// The name of a topic of this account and region.
    pub topic: Option<String>,
    /// The alias of a key of this account and region, or the ARN of a key of the region and of any account.
    pub key: Option<String>,
    /// Log groups of this account and region.
    pub log_groups: LogGroups,
    /// Buckets of this account and region.
    pub buckets: Buckets,
}

/// The names of buckets, by their part in the vault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buckets {
    /// Where batch files land.
    pub ingress: Option<String>,
    /// Where they are judged, and held if they fail.
    pub analytics: Option<String>,
    /// Never one in the end: the configuration refuses it, since what the vault holds is kept by a policy of its own.
    pub vault: Option<String>,
}

impl Buckets {
    /// The one of a zone.
    #[must_use]
    pub fn of(&self, zone: Zone) -> Option<&str> {
        match zone {
            Zone::Ingress => self.ingress.as_deref(),
            Zone::Analytics => self.analytics.as_deref(),
            Zone::Vault => self.vault.as_deref(),
        }
    }

    /// Those that are named, and of which zones they are.
    pub fn named(&self) -> impl Iterator<Item = (Zone, &str)> {
        Zone::ALL.into_iter().filter_map(|zone| Some((zone, self.of(zone)?)))
    }
}

/// The names of log groups, by who writes to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogGroups {
    /// The function, and whoever decides of what is held.
    pub classifier: Option<String>,
    /// The state machine.
    pub orchestrator: Option<String>,
    /// The sweep.
    pub sweep: Option<String>,
}

impl LogGroups {
    /// Those that are named, and by whom they are written to.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [("classifier", &self.classifier), ("orchestrator", &self.orchestrator), ("sweep", &self.sweep)];
        all.into_iter().filter_map(|(role, name)| Some((role, name.as_deref()?)))
    }
}
