// Package catalog keeps the content of the product: speeches and the tags that sort them, and draws speeches at random
// for a game.
//
// It owns the rules of content (what a text, a level, a tag name and an audio address may be), the selection index
// that makes a draw independent of the catalogue's size, and the audit trail of every change. It does not know HTTP or
// SQL, it stores no recordings (importing brings them in), and what a learner did with a speech is practice's business.
//
// Every write raises the catalogue's version first thing in its transaction. That makes writers wait for each other,
// so that what a writer has read stays true until it commits, and it tells every other process that its index is old.
package catalog
