//! The metrics that the function writes into its log, from where CloudWatch takes them.

/// The namespace of all of them.
pub const NAMESPACE: &str = "cvault";
/// The dimension that says which function: its value is the function's name.
pub const FUNCTION: &str = "function";
/// How many versions a sweep finds in ingress that are more than an hour old and nobody has begun to judge. It is
/// written where there are any, and so costs nothing where there are none.
pub const UNJUDGED: &str = "UnjudgedFiles";
