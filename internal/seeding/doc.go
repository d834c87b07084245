// Package seeding fills a database for tests and for load: speeches with tags and recordings, and, if wanted, learners with
// the games that they have played.
//
// What a seed makes follows from its number alone: the same ids, texts and tags on every machine. It owns the sentences and
// how they are chosen, and that a seed only ever adds what is missing; what is there, it leaves alone, whoever has
// edited or deleted it since. It knows no SQL, and it does not know what recordings say: those of a seed are borrowed from
// the starter pack and fit in level and type only.
package seeding
