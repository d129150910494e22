//! The program itself in front of servers in a mood: codes, words, and the secret that nobody sees.
