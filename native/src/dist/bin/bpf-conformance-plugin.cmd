@echo off
rem The plugin that bpf_conformance's runner starts for every test.
setlocal
set "EBPF_RUN_MAIN=ConformancePlugin"
call "%~dp0ebpf-run.cmd" %*
