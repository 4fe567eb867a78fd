@echo off
rem Runs a program in JavaScript, Python or WebAssembly, by its file, in a context with eBPF.
setlocal
set "home=%~dp0.."
"%home%\runtime\bin\java.exe" "@%home%\jvm.options" --enable-native-access=ALL-UNNAMED,org.graalvm.py %EBPF_RUN_JAVA_OPTS% --module-path "%home%\polyglot\lib" --add-modules ALL-MODULE-PATH,org.trufflebpf -cp "%home%\polyglot\classes" Run %*
exit /b %ERRORLEVEL%
