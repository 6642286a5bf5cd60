# .NET loads an assembly of one name only once per process, and its own error says neither which copy of the module is loaded nor what to
# do. This runs before the assemblies of the module are loaded. The variable is the number of the process and is written by the first
# import; without it nothing else runs here, because every further statement is noticeable in the time of an import.
if ($env:HYPERDAS_LOADED -eq $PID) {
    try {
        # Also loads what another copy of the same build has, which is no error.
        foreach ($name in 'Abstractions', 'PowerShell') {
            $null = [System.Reflection.Assembly]::LoadFrom("$PSScriptRoot/bin/HyperDas.$name.dll")
        }
    }
    catch [System.IO.FileLoadException] {
        # The session keeps one error, not two.
        $global:Error.RemoveAt(0)
        $loaded = [System.AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq 'HyperDas.Abstractions' }
        $folder = [System.IO.Path]::GetDirectoryName([System.IO.Path]::GetDirectoryName(@($loaded)[0].Location))
        $text = "Another build of the module HyperDas is loaded, from '$folder', and can't be unloaded, not even by Remove-Module. " +
            "To use '$PSScriptRoot', import it in a new session."
        throw [System.Management.Automation.ErrorRecord]::new(
            [System.InvalidOperationException]::new($text), 'AnotherCopyLoaded', 'ResourceExists', $PSScriptRoot)
    }
}
