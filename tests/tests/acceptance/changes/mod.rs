//! Who changed it: what lies between the last good job and the first bad one, and between the last bad one and the proof, as CloudTrail tells.

mod broken;
mod mended;
