//! Errors, and which of them can be caught.

/// What nothing catches. AWS was seen to let `States.ALL` catch an oversize result, against its
/// documentation; and of the others it is not said. The stricter is taken.
const TERMINAL: [&str; 4] =
    ["States.Runtime", "States.DataLimitExceeded", "States.IntrinsicFailure", "States.ResultPathMatchFailure"];

/// Whether it ends the execution, whatever is to be caught.
pub fn is_terminal(failure: &Failure) -> bool {
    TERMINAL.contains(&failure.error.as_str())
}

/// Why a state failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub error: String,
    pub cause: String,
}

impl Failure {
    /// A failure with its name.
    pub fn new(error: &str, cause: impl Into<String>) -> Self {
        Self { error: error.into(), cause: cause.into() }
    }

    /// What ends the execution, whatever is to be caught.
    pub fn runtime(cause: String) -> Self {
        Self::new("States.Runtime", cause)
    }

    /// Whether one of these names of a retrier or catcher means it.
    pub fn matches(&self, names: &[String]) -> bool {
        !is_terminal(self)
            && names.iter().any(|name| match name.as_str() {
                "States.ALL" => true,
                "States.TaskFailed" => self.error != "States.Timeout",
                name => name == self.error,
            })
    }
}
