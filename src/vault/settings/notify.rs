//! Who is told of held files, and how.

/// Who is told of held files beside the e-mail addresses, and how.
#[derive(Clone, Debug)]
pub struct NotifySettings {
    /// Whether many files become one e-mail.
    pub mode: NotifyMode,
    /// Up to how many of one window are told of each by itself.
    pub each_up_to: u32,
    /// For how many seconds Lambda gathers notices, 1 to 300.
    pub window_seconds: i32,
    /// HTTPS endpoints.
    pub https: Vec<String>,
    /// ARNs of SQS queues.
    pub sqs: Vec<String>,
    /// Whether e-mail addresses that are not declared are removed.
    pub prune_emails: bool,
}

impl NotifySettings {
    /// Up to how many of one window are told of each by itself: none, where all are to be in a digest.
    #[must_use]
    pub fn each_up_to(&self) -> u32 {
        self.up_to(self.mode)
    }

    pub(super) fn up_to(&self, mode: NotifyMode) -> u32 {
        match mode {
            NotifyMode::Each => self.each_up_to,
            NotifyMode::Digest => 0,
        }
    }
}

impl Default for NotifySettings {
    fn default() -> Self {
        let (mode, https, sqs) = (NotifyMode::default(), vec![], vec![]);
        Self { mode, each_up_to: 10, window_seconds: 30, https, sqs, prune_emails: false }
    }
}

/// Whether each held file is told of by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum NotifyMode {
    /// It is, unless many come at once.
    #[default]
    Each,
    /// Only where it came alone.
    Digest,
}
