//! Names and numbers of people, as a session shows them.

use std::collections::HashMap;

use tables::{Session, TablesError, texts};

/// By record: name, and ID number as the grant shows it.
pub struct People(HashMap<i64, (String, String)>);

impl People {
    /// Reads everyone the session sees.
    pub async fn read(session: &Session) -> Result<Self, TablesError> {
        let mut people = HashMap::new();
        for batch in session
            .collect("select cast(id as varchar) as id, name, id_number from person")
            .await?
        {
            let [ids, names, numbers] = [0, 1, 2].map(|nth| texts(batch.column(nth)));
            for ((id, name), number) in ids.into_iter().zip(names).zip(numbers) {
                if let Some(id) = id.and_then(|id| id.parse().ok()) {
                    people.insert(id, (name.unwrap_or_default(), number.unwrap_or_default()));
                }
            }
        }
        Ok(Self(people))
    }

    /// One person.
    pub fn find(&self, id: i64) -> Option<&(String, String)> {
        self.0.get(&id)
    }
}
