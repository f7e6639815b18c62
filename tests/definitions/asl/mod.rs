//! A strict interpreter of the Amazon States Language, with `JSONPath`, as far as it is in use.
//!
//! What of AWS's behaviour is in no specification was taken from recorded answers of AWS (the
//! validated snapshots of localstack's tests):
//!
//! - a path that is not there is `States.Runtime`, which nothing catches, not even by its name;
//! - a line break inside the string of an intrinsic function is that line break;
//! - a backslash before anything but `'`, `{`, `}` and a backslash is refused at creation;
//! - an error without a cause, such as `States.Timeout`, is caught with the cause `""`.

mod failure;
mod interpreter;
mod model;
mod paths;
mod templates;
mod tests;

pub use failure::Failure;
pub use interpreter::{End, Interpreter, Schedule, Trace, World};
pub use model::{Catcher, Machine, Retrier, State, Task, Test};
pub use templates::check;
