//! The setters of job options, which everything that adds jobs has alike.

/// Writes one setter for each option of a job, for a type with a method `options_mut`.
macro_rules! job_option_setters {
    () => {
        /// Replaces every option at once, those of the job's type included.
        pub fn options(mut self, options: $crate::job::JobOptions) -> Self {
            *self.options_mut() = options;
            self
        }

        /// Starts it after a wait of up to a hundred years, by the store's clock.
        pub fn delay(mut self, wait: std::time::Duration) -> Self {
            self.options_mut().start = $crate::job::Start::After(wait);
            self
        }

        /// Starts it at a moment, by the store's clock; one that has passed is now.
        pub fn at(mut self, moment: purlin_base::Timestamp) -> Self {
            self.options_mut().start = $crate::job::Start::At(moment);
            self
        }

        /// 0: none, and before all others; 1 is the most urgent, 2 097 151 the least.
        pub fn priority(mut self, priority: u32) -> Self {
            self.options_mut().priority = priority;
            self
        }

        /// Puts it before those that wait already, instead of after them.
        pub fn lifo(mut self) -> Self {
            self.options_mut().lifo = true;
            self
        }

        /// Attempts at most, 1 to 1000.
        pub fn attempts(mut self, attempts: u32) -> Self {
            self.options_mut().attempts = attempts;
            self
        }

        /// The wait between attempts.
        pub fn backoff(mut self, backoff: $crate::job::Backoff) -> Self {
            self.options_mut().backoff = Some(backoff);
            self
        }

        /// How long one attempt may take.
        pub fn timeout(mut self, timeout: std::time::Duration) -> Self {
            self.options_mut().timeout = Some(timeout);
            self
        }

        /// The job's id. A second job of the same id in the queue is the first.
        pub fn id(mut self, id: impl Into<String>) -> Self {
            self.options_mut().id = Some(id.into());
            self
        }

        /// When it is another job that is there already.
        pub fn dedup(mut self, dedup: $crate::job::Dedup) -> Self {
            self.options_mut().dedup = Some(dedup);
            self
        }

        /// A word to find it by; up to 20.
        pub fn tag(mut self, tag: impl Into<String>) -> Self {
            self.options_mut().tags.push(tag.into());
            self
        }

        /// Whose it is: tenants take turns.
        pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
            self.options_mut().tenant = Some(tenant.into());
            self
        }

        /// What the limits by key count it under.
        pub fn key(mut self, key: impl Into<String>) -> Self {
            self.options_mut().key = Some(key.into());
            self
        }

        /// How it is kept once completed.
        pub fn keep_completed(mut self, keep: $crate::job::Keep) -> Self {
            self.options_mut().keep_completed = Some(keep);
            self
        }

        /// How it is kept once failed.
        pub fn keep_failed(mut self, keep: $crate::job::Keep) -> Self {
            self.options_mut().keep_failed = Some(keep);
            self
        }

        /// Crashes of its process after which it is taken for poison, 1 to 100.
        pub fn crashes_max(mut self, crashes: u32) -> Self {
            self.options_mut().crashes_max = crashes;
            self
        }
    };
}

pub(crate) use job_option_setters;
