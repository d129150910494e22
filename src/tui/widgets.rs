//! Parts that screens are put together from.
//!
//! Each turns values into lines with stops, or draws into a rectangle. None knows which screen it is on.

pub mod chart;
pub mod grid;
pub mod header;
pub mod keybar;
pub mod rows;
pub mod strip;
pub mod timeline;
