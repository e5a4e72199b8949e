#ifndef IMSTRACE_CLIBPCAP_H
#define IMSTRACE_CLIBPCAP_H

#include <pcap/pcap.h>

#endif
