//! What every bound statement offers, written once.

/// Adds `bind` and the `fetch_*` methods to a statement that has a method
/// `send::<T>(self, Want)` and can name its `db()`.
macro_rules! fetches {
    ($name:ident<$life:lifetime>) => {
        impl<$life> $name<$life> {
            /// Binds the next value: the first call binds `$1`.
            #[must_use = "a statement does nothing until it is sent"]
            pub fn bind(mut self, value: impl $crate::IntoValue) -> Self {
                self.query = self.query.bind(value);
                self
            }

            /// Sends the statement and reads every row of the answer.
            ///
            /// # Errors
            ///
            /// [`SqlError`]; [`SqlError::TooManyRows`] beyond
            /// [`SqlConfig::rows_max`](crate::SqlConfig::rows_max).
            pub async fn fetch_all<T: FromRow + Send + 'static>(self) -> Result<Vec<T>, SqlError> {
                let want = self.db().all();
                Ok(self.send::<T>(want).await?.all())
            }

            /// Sends the statement and reads the first row of the answer, if there is one.
            ///
            /// # Errors
            ///
            /// [`SqlError`].
            pub async fn fetch_optional<T: FromRow + Send + 'static>(
                self,
            ) -> Result<Option<T>, SqlError> {
                Ok(self.send::<T>(Want::First).await?.first())
            }

            /// Sends the statement and reads the first row of the answer.
            ///
            /// # Errors
            ///
            /// [`SqlError`]; [`SqlError::NoRow`] if there is none.
            pub async fn fetch_one<T: FromRow + Send + 'static>(self) -> Result<T, SqlError> {
                self.fetch_optional().await?.ok_or(SqlError::NoRow)
            }
        }
    };
}

pub(super) use fetches;
