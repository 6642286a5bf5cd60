namespace HyperDas.Engine.Experiments.Yaml;

/// <summary>A place in a document.</summary>
/// <param name="File">File, or the parameter that the text was given with.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
internal readonly record struct YamlMark(string File, int Line, int Column);
