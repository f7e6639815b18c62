//! What the stack has in Amazon Macie: the session that it shares, identifiers of its own, and the jobs
//! that the function makes.

pub mod macie_identifier;
pub mod macie_jobs;
pub mod macie_session;
