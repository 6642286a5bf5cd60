using HyperDas.Engine.Experiments;

// Writes the JSON Schema of experiments. It is committed, since editors want a file; a test compares it with the records. After a change:
//   dotnet run -c Release --project build/HyperDas.Schema -- configs/hyperdas.schema.json
if (args.Length != 1)
{
    Console.Error.WriteLine("usage: HyperDas.Schema SCHEMA-FILE");
    return 1;
}
using FileStream documentation = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "HyperDas.Abstractions.xml"));
File.WriteAllText(args[0], ExperimentSchema.Generate(documentation));
return 0;
