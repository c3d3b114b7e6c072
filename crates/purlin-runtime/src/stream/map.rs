//! A function as a transform.

use std::{fmt, marker::PhantomData};

use purlin_base::BoxError;

use super::{StreamError, Transform};

/// Turns each chunk into another by a function that may fail.
///
/// # Examples
///
/// ```
/// use purlin_runtime::stream::{Map, Readable, StreamError, pipeline};
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let numbers = pipeline(Readable::iter(["1", "2", "three"])).through(Map::new(str::parse::<u8>));
/// let error = numbers.collect(3).await.unwrap_err();
/// assert!(matches!(error, StreamError::Failed(_)));
/// # });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Map<T, U, F> {
    map: F,
    made: Option<U>,
    of: PhantomData<fn(T)>,
}

impl<T, U, F> Map<T, U, F> {
    /// A transform by `map`.
    pub fn new<E: Into<BoxError>>(map: F) -> Self
    where
        F: FnMut(T) -> Result<U, E>,
    {
        Self {
            map,
            made: None,
            of: PhantomData,
        }
    }
}

impl<T, U, E, F> Transform for Map<T, U, F>
where
    U: Send,
    E: Into<BoxError>,
    F: FnMut(T) -> Result<U, E> + Send,
{
    type In = T;
    type Out = U;

    fn write(&mut self, chunk: T) -> Result<(), StreamError> {
        self.made = Some((self.map)(chunk).map_err(StreamError::failed)?);
        Ok(())
    }

    fn read(&mut self) -> Result<Option<U>, StreamError> {
        Ok(self.made.take())
    }
}

impl<T, U, F> fmt::Debug for Map<T, U, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Map").finish_non_exhaustive()
    }
}
