//! What the functions read of the clouds that this stack watches.
//!
//! Read in this order: [`lists`] (which of AWS Backup's records are read), [`plans`] (plans with their selections), [`made`] (what a job
//! left), [`diagnosis`] (what is wrong, by the evidence), [`in_time`] (calls that must not take longer than there is time).

pub mod diagnosis;
pub mod in_time;
pub mod lists;
pub mod made;
pub mod plans;
