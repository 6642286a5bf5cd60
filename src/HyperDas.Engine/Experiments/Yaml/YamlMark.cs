namespace HyperDas.Engine.Experiments.Yaml;

/// <summary>A position in a document.</summary>
/// <param name="File">File, or the parameter that supplied the text.</param>
/// <param name="Line">Line, from 1.</param>
/// <param name="Column">Column, from 1.</param>
internal readonly record struct YamlMark(string File, int Line, int Column);
