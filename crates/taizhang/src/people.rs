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
            let columns = [0, 1, 2].map(|nth| texts(batch.column(nth)));
            for row in 0..batch.num_rows() {
                if let Some(id) = columns[0][row].as_ref().and_then(|id| id.parse().ok()) {
                    let text = |nth: usize| columns[nth][row].clone().unwrap_or_default();
                    people.insert(id, (text(1), text(2)));
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
