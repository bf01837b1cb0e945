//! Names and numbers of people, as a session shows them.

use std::collections::HashMap;

use tables::{Session, texts};

use crate::failure::Failure;

/// By record: name, and ID number as the grant shows it.
pub struct People(HashMap<i64, (String, String)>);

impl People {
    /// Reads everyone the session sees.
    pub async fn read(session: &Session) -> Result<Self, Failure> {
        let mut people = HashMap::new();
        let people_of = &session.pack().contract()?.people;
        let (name, number) = (&people_of.name.id, &people_of.id_number.id);
        let register = &people_of.register.id;
        let sql = format!("select cast(id as varchar) as id, {name}, {number} from {register}");
        for batch in session.collect(&sql).await? {
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
