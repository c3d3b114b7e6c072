//! How the keys of a queue are made, and read back.

use crate::QueueError;

/// The names of the keys of all queues of a store.
#[derive(Clone, Debug)]
pub(super) struct Keys {
    prefix: String,
}

impl Keys {
    /// Keys that begin with `prefix`: 1 to 64 characters of `A-Z a-z 0-9 . _ - { }`.
    pub(super) fn new(prefix: &str) -> Result<Self, QueueError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '{' | '}');
        if (1..=64).contains(&prefix.len()) && prefix.chars().all(plain) {
            return Ok(Self {
                prefix: prefix.to_owned(),
            });
        }
        Err(QueueError::Name {
            what: "key prefix",
            given: prefix.chars().take(80).collect(),
            rule: "1 to 64 characters of A-Z a-z 0-9 . _ - { }",
        })
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// What BullMQ calls a queue's key: `bull:mails`.
    pub(super) fn queue(&self, queue: &str) -> String {
        format!("{}:{queue}", self.prefix)
    }

    /// What all keys of a queue begin with: `bull:mails:`.
    pub(super) fn beginning(&self, queue: &str) -> String {
        format!("{}:{queue}:", self.prefix)
    }

    /// A key of a queue, or of one of its jobs.
    pub(super) fn of(&self, queue: &str, word: &str) -> String {
        format!("{}:{queue}:{word}", self.prefix)
    }

    /// The queue that a queue's key names.
    pub(super) fn queue_of(queue_key: &str) -> &str {
        queue_key
            .split_once(':')
            .map_or(queue_key, |(_, queue)| queue)
    }

    /// The queue and the id of a job's key.
    pub(super) fn job_of(job_key: &str) -> Option<(&str, &str)> {
        job_key.split_once(':')?.1.split_once(':')
    }

    /// What `SCAN` finds the settings of every queue by.
    pub(super) fn every_meta(&self) -> String {
        format!("{}:*:meta", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_a_job_names_its_queue_and_its_id_though_the_id_has_colons() {
        assert_eq!(
            Keys::job_of("bull:mails:repeat:daily:17"),
            Some(("mails", "repeat:daily:17"))
        );
        assert_eq!(Keys::queue_of("bull:mails"), "mails");
    }

    #[test]
    fn a_prefix_that_would_be_a_pattern_is_refused() {
        assert!(Keys::new("bull*").is_err());
        assert!(Keys::new("bull:a").is_err());
        assert!(Keys::new("{bull}").is_ok());
    }
}
