// CProcessor on this processor: what it does must be what it does on the one that recorded.
#pragma once

// Ends the program where it is not.
void check_processor(void);
