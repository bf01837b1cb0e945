//! The pages as people use them, walked through in Chromium: served by the program itself over a generated street, pressed and typed into
//! by mouse and keyboard. They need Chromium (`CHROMIUM` names another than `chromium`) and fonts for Chinese, so they are run when asked
//! for: `cargo test --workspace --test it -- --ignored browser::`. Pictures of every kind of page go to the folder `TAIZHANG_PICTURES`, if it is set.

mod acting;
mod chromium;
mod days;
mod finding;
mod looking;
mod rows;
mod tab;
mod walk;
