//! Only on SQLite: what may happen to a file.

mod damage;
mod power;
mod processes;
