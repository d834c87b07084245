// Package account keeps the people who use the product: how they register, prove who they are, and change or delete
// what is known of them, and how operators manage them.
//
// It owns the rules for e-mail addresses, names, avatars and passwords, the hashing of passwords, the making and
// reading of tokens, and the roles. It does not know HTTP or SQL, does not decide which role an endpoint asks for, and
// does not limit how often somebody may try. It says when a letter is sent and what its link is worth, not how it reads.
package account
