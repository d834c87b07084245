// Package mail sends the letters of accounts by SMTP: what they look like, how they reach the mail server, and when to try
// again.
//
// It implements account.Mailer. It does not decide who gets a letter, makes no tokens, keeps no queue, and writes neither
// addresses nor links into its errors.
package mail
