// Package importing brings new content in: recordings are uploaded into a session, then a CSV file says what is spoken
// in each of them.
//
// It owns upload sessions, the CSV format, the rules of rows (those of content itself are catalog's), and the promise
// that an import is whole or nothing, whatever fails or dies half way. It does not know HTTP, SQL, where objects are
// kept, or how audio formats are recognised.
//
// # Who owns which object
//
// Every object belongs to a record that is committed before the object is written, so nothing can be left behind
// unnoticed:
//
//   - an uploaded recording (audio/uploads/<session>/<name>) belongs to an upload file's record. A record of size 0
//     reserves the name: its bytes are still on their way, or no longer there. No import sees it. The unique key of
//     session and name thus keeps two uploads at the same time from writing over each other's bytes.
//   - one whose level was known is uploaded to where it can stay (audio/<level>/<file id><ending>). Its record owns it
//     until an import makes a speech of it, which takes the file's id and the object as it is: nothing is copied.
//   - a recording in its final place (audio/<level>/<speech id><ending>) belongs to an item of a running batch, and
//     then to the speech.
//
// # How an import ends
//
// A batch leaves the state "running" exactly once, by a guarded update. Whoever makes it: the transaction that writes
// the speeches, the same process when something failed, or a sweep that found the batch's lease run out. Only then
// are objects deleted, so that an answer of the database that got lost can never cost a speech its audio.
package importing
