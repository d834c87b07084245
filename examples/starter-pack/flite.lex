advertisement 0 : ae0 d v er0 t ay1 z m ax0 n t
composted 0 : k aa1 m p ow0 s t ax0 d
excuse 0 : ih0 k s k y uw1 z
hasnt 0 : hh ae1 z ax0 n t
havent 0 : hh ae1 v ax0 n t
isnt 0 : ih1 z ax0 n t
refund 0 : r iy1 f ah0 n d
