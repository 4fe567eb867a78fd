@echo off
rem Starts the Java runtime that stands beside this script; EBPF_RUN_JAVA_OPTS holds further options for it.
setlocal
set "home=%~dp0.."
if not defined EBPF_RUN_MAIN set "EBPF_RUN_MAIN=EbpfRun"
"%home%\runtime\bin\java.exe" "@%home%\jvm.options" "-XX:AOTCache=%home%\ebpf-run.aot" %EBPF_RUN_JAVA_OPTS% -m "org.trufflebpf.launcher/org.trufflebpf.launcher.%EBPF_RUN_MAIN%" %*
exit /b %ERRORLEVEL%
