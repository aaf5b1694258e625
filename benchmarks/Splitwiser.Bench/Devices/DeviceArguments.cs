using System.CommandLine;

namespace Splitwiser.Bench.Devices;

/// <summary>The options of a benchmark that runs on either kind of device: what computes, and which model.</summary>
internal sealed class DeviceArguments
{
    private readonly Option<string> device = new Option<string>("--device") { Description = "auto (the first GPU, without one the CPU), cpu or cuda.", DefaultValueFactory = _ => "auto" }.AcceptOnlyFromAmong("auto", "cpu", "cuda");
    private readonly Option<string> config = new("--config", "--shape") { Description = "Model folder; config.json is enough with --random-weights.", DefaultValueFactory = _ => Shapes.DemoModel };
    private readonly Option<bool> randomWeights = new("--random-weights") { Description = "Draws the weights from a seed." };
    private readonly Option<int> threads = new("--threads") { Description = "CPU: threads of the runner.", DefaultValueFactory = _ => Environment.ProcessorCount };
    private readonly Option<string?> results = new("--results") { Description = "Folder for the JSON file and the pictures; none writes no file." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { device, config, randomWeights, threads, results }) command.Options.Add(option);
    }

    public DevicePlan Read(ParseResult parsed) => new(parsed.GetValue(device)!, parsed.GetValue(config)!, parsed.GetValue(randomWeights), parsed.GetValue(threads));

    public string? Results(ParseResult parsed) => parsed.GetValue(results);
}
