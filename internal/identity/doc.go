// Package identity checks the tokens that Google, Apple and Facebook give their users, and says who holds one.
//
// Google's and Apple's ID tokens, and those of Facebook's Limited Login, are verified here, with the keys that their
// issuers publish; a classic Facebook access token is shown to Facebook's Graph API. It owns the keys' cache and the
// protocols. It does not know accounts: which of them a person gets, and what an e-mail address proves, is decided in
// package account.
//
// No error of this package holds a token, the app's secret or anything made of them.
package identity
