//! Both stores do what a store must do.

use ledger::Algorithm;
use ledger::sqlite::SqliteStore;
use ledger::store::{MemoryStore, Meta, conformance};

const META: Meta = Meta {
    ledger: [1; 16],
    algorithm: Algorithm::Sha256,
};

#[tokio::test]
async fn sqlite() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::create(&dir.path().join("x.sqlite"), META)
        .await
        .unwrap();
    conformance::all(&store).await.unwrap();
}

#[tokio::test]
async fn memory() {
    conformance::all(&MemoryStore::new(META)).await.unwrap();
}
