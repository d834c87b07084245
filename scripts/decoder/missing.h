// What FFmpeg mentions and wasi-libc does not have. None of it is called: the module has no files.
#ifndef MISSING_H
#define MISSING_H
#ifndef __ASSEMBLER__
static inline char *tempnam(const char *dir, const char *prefix) { (void)dir; (void)prefix; return 0; }
static inline int mkstemp(char *name) { (void)name; return -1; }
static inline int dup(int fd) { (void)fd; return -1; }
#endif
#endif
