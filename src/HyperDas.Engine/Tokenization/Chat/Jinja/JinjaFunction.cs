namespace HyperDas.Engine.Tokenization.Chat.Jinja;

/// <summary>A function of a template.</summary>
/// <param name="arguments">Positional arguments.</param>
/// <param name="named">Named arguments.</param>
internal delegate object? JinjaFunction(object?[] arguments, IReadOnlyDictionary<string, object?> named);
