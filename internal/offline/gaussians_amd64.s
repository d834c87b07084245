#include "textflag.h"

// SPREAD puts the dimension k of x into all lanes of a register.
#define SPREAD(k, x) \
	MOVSS  (4*k)(DX), x; \
	SHUFPS $0, x, x

// DIMENSION takes (mean-x)²·scale of the dimension k off the four sums in X13.
#define DIMENSION(k, x) \
	MOVUPS (16+32*k)(SI), X14; \
	SUBPS  x, X14; \
	MULPS  X14, X14; \
	MOVUPS (32+32*k)(SI), X15; \
	MULPS  X15, X14; \
	SUBPS  X14, X13

// func allDensities(book *codebook, x *[dimensions]float32, out *[densities]float32)
TEXT ·allDensities(SB), NOSPLIT, $0-24
	MOVQ book+0(FP), SI
	MOVQ x+8(FP), DX
	MOVQ out+16(FP), DI
	SPREAD(0, X0)
	SPREAD(1, X1)
	SPREAD(2, X2)
	SPREAD(3, X3)
	SPREAD(4, X4)
	SPREAD(5, X5)
	SPREAD(6, X6)
	SPREAD(7, X7)
	SPREAD(8, X8)
	SPREAD(9, X9)
	SPREAD(10, X10)
	SPREAD(11, X11)
	SPREAD(12, X12)
	MOVQ $32, CX // quads

next:
	MOVUPS (SI), X13 // constants
	DIMENSION(0, X0)
	DIMENSION(1, X1)
	DIMENSION(2, X2)
	DIMENSION(3, X3)
	DIMENSION(4, X4)
	DIMENSION(5, X5)
	DIMENSION(6, X6)
	DIMENSION(7, X7)
	DIMENSION(8, X8)
	DIMENSION(9, X9)
	DIMENSION(10, X10)
	DIMENSION(11, X11)
	DIMENSION(12, X12)
	MOVUPS X13, (DI)
	ADDQ   $432, SI  // bytes of a quad
	ADDQ   $16, DI
	DECQ   CX
	JNZ    next
	RET
